package shop;
import java.util.List;
public class Sample extends Base implements Runnable {
    static final int LIMIT = 10;
    private List<String> items;
    public Sample(List<String> items) { this.items = items; }
    public void run() { report(items.size()); }
    void report(int count) { System.out.println(count + LIMIT); }
}
enum Colour { RED, GREEN }
interface Shape { double area(); }
