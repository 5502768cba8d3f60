// Maven's own order. Reads lines of two versions with a tab between them, writes -1, 0 or 1 for each.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import org.apache.maven.artifact.versioning.ComparableVersion;

class Maven {
    public static void main(String[] arguments) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        StringBuilder orders = new StringBuilder();
        for (String line; (line = lines.readLine()) != null; ) {
            String[] pair = line.split("\t");
            int order = new ComparableVersion(pair[0]).compareTo(new ComparableVersion(pair[1]));
            orders.append(Integer.signum(order)).append('\n');
        }
        System.out.print(orders);
    }
}
