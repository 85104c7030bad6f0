#import <Foundation/Foundation.h>
@import UIKit;
@class Other;
@protocol Named <NSObject> @required - (NSString *)name; @optional + (void)go; @end
@interface Cart<T> : Base <Named, Other> { int count; }
@property (nonatomic, copy, getter=isBig) NSArray<T> *items;
- (instancetype)initWithName:(NSString *)name count:(int)n, ...;
+ (Cart *)make;
@end
@implementation Cart (More)
@synthesize items = _items; @dynamic x;
- (double)total:(double)rate with:(void (^)(int x))block {
    for (Item *item in self.items) { sum += [item price] * [[Cart make] rate:1 of:@"x"]; }
    @try { @throw e; } @catch (NSException *e) { } @finally { @synchronized(self) { } }
    dispatch_async(queue, ^{ [weakSelf go]; }); NSDictionary *d = @{ @"a": @1, @"b": @[ @YES ] };
    @autoreleasepool { return _items[0].price + @selector(total:with:) + @encode(int); }
}
@end
static int helper(int a) { return a; }
typedef NS_ENUM(NSInteger, Kind) { KindPlain, KindGift };
