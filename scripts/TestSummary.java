import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.xml.sax.SAXException;

/**
 * Reads the XML reports of all tests and closes a test run: a line for each skipped and each failed
 * test, then the counts. Each argument names a part of the run that broke as a whole and counts as
 * one failure. What failed and then passed in the folder again-reports counts as passed, with a line.
 *
 * <p>With "--failed-classes FOLDER" it prints the classes of that folder's reports with failures.
 */
final class TestSummary {
    private enum Outcome {
        PASSED,
        FAILED,
        SKIPPED
    }

    private record Case(String className, String name, Outcome outcome, String said) {
        String fullName() {
            return className + "." + name;
        }
    }

    static void main(String[] arguments) throws Exception {
        if (arguments.length == 2 && arguments[0].equals("--failed-classes")) {
            cases(Path.of(arguments[1]), List.of("")).stream()
                    .filter(test -> test.outcome == Outcome.FAILED)
                    .map(Case::className)
                    .distinct()
                    .forEach(System.out::println);
        } else {
            System.exit(summarize(arguments) ? 0 : 1);
        }
    }

    private static boolean summarize(String[] brokenParts) throws Exception {
        var root = Path.of(".");
        Set<String> passedAgain = new HashSet<>();
        for (Case test : cases(root, List.of("again-reports"))) {
            if (test.outcome == Outcome.PASSED) {
                passedAgain.add(test.fullName());
            }
        }
        int passed = 0;
        int failed = 0;
        int skipped = 0;
        for (Case test : cases(root, List.of("surefire-reports", "system-reports", "vm-reports"))) {
            switch (test.outcome) {
                case PASSED -> passed++;
                case SKIPPED -> {
                    skipped++;
                    System.out.println("skipped: " + test.fullName() + ": " + test.said);
                }
                case FAILED -> {
                    boolean unsteady = passedAgain.contains(test.fullName());
                    if (unsteady) {
                        passed++;
                    } else {
                        failed++;
                    }
                    System.out.printf(
                            "%s: %s: %s%n",
                            unsteady ? "unsteady, passed when run again" : "failed",
                            test.fullName(),
                            test.said);
                }
            }
        }
        for (String part : brokenParts) {
            System.out.println("failed: " + part);
            failed++;
        }
        System.out.printf("%d passed, %d failed, %d skipped%n", passed, failed, skipped);
        return failed == 0 && passed > 0;
    }

    /** Of the reports below folders of these names, in the order of their paths. */
    private static List<Case> cases(Path root, List<String> folders) throws Exception {
        var cases = new ArrayList<Case>();
        try (var paths = Files.find(root, 4, (path, _) -> isReport(path, folders))) {
            for (Path report : paths.sorted().toList()) {
                read(report, cases);
            }
        }
        return cases;
    }

    private static boolean isReport(Path path, List<String> folders) {
        return FileSystems.getDefault().getPathMatcher("glob:TEST-*.xml").matches(path.getFileName())
                && folders.stream().anyMatch(folder -> path.toString().contains("/" + folder));
    }

    private static void read(Path report, List<Case> cases)
            throws IOException, ParserConfigurationException, SAXException {
        var tests =
                DocumentBuilderFactory.newInstance()
                        .newDocumentBuilder()
                        .parse(report.toFile())
                        .getElementsByTagName("testcase");
        for (int i = 0; i < tests.getLength(); i++) {
            cases.add(read((Element) tests.item(i)));
        }
    }

    private static Case read(Element test) {
        String className = test.getAttribute("classname");
        String name = test.getAttribute("name");
        if (test.getElementsByTagName("skipped").item(0) instanceof Element reason) {
            return new Case(className, name, Outcome.SKIPPED, said(reason));
        }
        for (String kind : List.of("failure", "error")) {
            if (test.getElementsByTagName(kind).item(0) instanceof Element reason) {
                return new Case(className, name, Outcome.FAILED, said(reason));
            }
        }
        return new Case(className, name, Outcome.PASSED, "");
    }

    private static String said(Element reason) {
        String message = reason.getAttribute("message");
        String text = message.isBlank() ? reason.getTextContent() : message;
        String line = text.strip().lines().findFirst().orElse("without a reason");
        return line.replaceFirst("^org[.]opentest4j[.]TestAbortedException: (Assumption failed: )?", "");
    }
}
