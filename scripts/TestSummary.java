import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;

/**
 * Reads the XML reports of all tests and closes a test run: a line for each skipped and each failed
 * test, then the counts. Each argument names a part of the run that broke as a whole and counts as
 * one failure.
 */
final class TestSummary {
    private int passed;
    private int failed;
    private int skipped;

    static void main(String[] brokenParts) throws Exception {
        var summary = new TestSummary();
        try (var paths = Files.find(Path.of("."), 4, (path, _) -> isReport(path))) {
            for (Path report : paths.sorted().toList()) {
                summary.read(report);
            }
        }
        for (String part : brokenParts) {
            System.out.println("failed: " + part);
            summary.failed++;
        }
        System.out.printf(
                "%d passed, %d failed, %d skipped%n",
                summary.passed, summary.failed, summary.skipped);
        System.exit(summary.failed == 0 && summary.passed > 0 ? 0 : 1);
    }

    private static boolean isReport(Path path) {
        return FileSystems.getDefault().getPathMatcher("glob:TEST-*.xml").matches(path.getFileName())
                && List.of("surefire-reports", "system-reports", "vm-reports")
                        .contains(path.getParent().getFileName().toString());
    }

    private void read(Path report) throws Exception {
        var cases =
                DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(report.toFile())
                        .getElementsByTagName("testcase");
        for (int i = 0; i < cases.getLength(); i++) {
            count((Element) cases.item(i));
        }
    }

    private void count(Element test) {
        String name = test.getAttribute("classname") + "." + test.getAttribute("name");
        if (test.getElementsByTagName("skipped").item(0) instanceof Element reason) {
            skipped++;
            System.out.println("skipped: " + name + ": " + said(reason));
        } else if (test.getElementsByTagName("failure").item(0) instanceof Element reason) {
            failed++;
            System.out.println("failed: " + name + ": " + said(reason));
        } else if (test.getElementsByTagName("error").item(0) instanceof Element reason) {
            failed++;
            System.out.println("failed: " + name + ": " + said(reason));
        } else {
            passed++;
        }
    }

    private static String said(Element reason) {
        String message = reason.getAttribute("message");
        String text = message.isBlank() ? reason.getTextContent() : message;
        String line = text.strip().lines().findFirst().orElse("without a reason");
        return line.replaceFirst("^org[.]opentest4j[.]TestAbortedException: (Assumption failed: )?", "");
    }
}
