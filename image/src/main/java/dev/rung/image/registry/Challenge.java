package dev.rung.image.registry;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How a server wants us to say who we are (RFC 9110, section 11.6.1).
 *
 * @param scheme in small letters
 * @param parameters their names in small letters
 */
record Challenge(String scheme, Map<String, String> parameters) {
    /** Several may stand in one field, parted by the same commas that part parameters. */
    static List<Challenge> parse(List<String> fields) {
        var all = new ArrayList<Challenge>();
        for (String field : fields) {
            new Parser(field).parse(all);
        }
        return all;
    }

    String parameter(String name) {
        return parameters.getOrDefault(name, "");
    }

    private static final class Parser {
        private final String text;
        private int at;

        Parser(String text) {
            this.text = text;
        }

        void parse(List<Challenge> all) {
            var parameters = new LinkedHashMap<String, String>();
            while (true) {
                skip(" \t,");
                String word = word();
                if (word.isEmpty()) {
                    return;
                }
                skip(" \t");
                boolean isParameter =
                        !all.isEmpty() && at < text.length() && text.charAt(at) == '=';
                if (isParameter) {
                    at++;
                    skip(" \t");
                    String name = word.toLowerCase(Locale.ROOT);
                    parameters.putIfAbsent(name, value());
                } else {
                    parameters = new LinkedHashMap<>();
                    all.add(new Challenge(word.toLowerCase(Locale.ROOT), parameters));
                }
            }
        }

        private void skip(String what) {
            while (at < text.length() && what.indexOf(text.charAt(at)) >= 0) {
                at++;
            }
        }

        private String word() {
            int from = at;
            while (at < text.length() && " \t,=\"".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            return text.substring(from, at);
        }

        private String value() {
            if (at == text.length() || text.charAt(at) != '"') {
                int from = at;
                while (at < text.length() && " \t,".indexOf(text.charAt(at)) < 0) {
                    at++;
                }
                return text.substring(from, at);
            }
            at++;
            var value = new StringBuilder();
            while (at < text.length() && text.charAt(at) != '"') {
                if (text.charAt(at) == '\\' && at + 1 < text.length()) {
                    at++;
                }
                value.append(text.charAt(at++));
            }
            at++;
            return value.toString();
        }
    }
}
