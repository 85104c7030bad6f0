#!/usr/bin/env php
<html><?= $title ?>
<?php
declare(strict_types=1);
namespace Shop\Inner;
use Base\{A, B as C}; use function strlen; use const X\Y;
require_once __DIR__ . '/a.php'; include 'b.php';
const MAX = 8; define('OTHER', 1);
#[Attribute]
abstract class Cart extends Base implements Named, \Countable {
    use Log, Other { Log::go insteadof Other; go as protected run; }
    public const A = 1, B = 2; private static ?array $items = []; protected readonly int|string $n;
    public function __construct(private string $name = "x $y {$z->a[1]}", int &...$more) { parent::__construct(); $this->n = 1; }
    abstract protected function draw(): void;
    public static function total(?float $rate): static {
        foreach (self::$items as $k => [$a, 'b' => $b]) { if ($a instanceof Gift): continue; elseif ($b): break; else: endif; }
        $f = fn($x) => $x ** 2; $g = function () use (&$f, $k) { yield $k => 1; yield from $f; };
        try { throw new class(1) extends E {}; } catch (A | B $e) { } finally { goto end; }
        $x = match (true) { 1, 2 => 'a', default => null }; switch ($x) { case 1: default: }
        end: return $this?->name->go(...)::make(name: 1)[0] ?? static::$a . <<<T
        text {$x}
        T;
    }
}
interface Named { function name(); } trait Log { } enum Kind: string { case Plain = 'p'; case Gift = 'g'; const X = self::Plain; }
function helper(array $a = [1, 'k' => 2]): ?string { global $x; static $n = 0; return list($p, $q) = $a; }
while (true) do { echo "a", print 'b'; } while (@$x[1]); for ($i = 0; $i < 3; $i++); ?>
</html>
