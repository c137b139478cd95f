package dev.rung.build.dockerfile;

import dev.rung.build.dockerfile.Instruction.Heredoc;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The signs of texts that follow an instruction, such as &lt;&lt;EOF. */
final class HeredocSigns {
    private static final Pattern SIGN = Pattern.compile("(\\d*)<<(-?)\\s*([^<]*)");

    private HeredocSigns() {}

    /** Those in a line, without their content. */
    static List<Heredoc> in(String line) {
        var signs = new ArrayList<Heredoc>();
        for (String word : words(line)) {
            Heredoc sign = of(word);
            if (sign != null) {
                signs.add(sign);
            }
        }
        return List.copyOf(signs);
    }

    /** What a word means; null when it is no sign. */
    static @Nullable Heredoc of(String word) {
        Matcher found = SIGN.matcher(word);
        if (!found.matches() || found.group(3).isEmpty() || found.group(1).length() > 9) {
            return null;
        }
        String quoted = found.group(3);
        List<String> name = new Substitution('\\', Map.of()).words(quoted);
        if (name.size() != 1) {
            return null;
        }
        boolean expands = count(quoted) == count(name.getFirst());
        int descriptor = found.group(1).isEmpty() ? 0 : Integer.parseInt(found.group(1));
        return new Heredoc(name.getFirst(), descriptor, expands, found.group(2).equals("-"), "");
    }

    private static long count(String text) {
        return text.chars().filter(c -> c == '\'' || c == '"').count();
    }

    /** Apart by blanks outside of quotes; blanks behind the sign belong to its word. */
    private static List<String> words(String line) {
        var words = new ArrayList<String>();
        var word = new StringBuilder();
        char quote = 0;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            boolean blank = Character.isWhitespace(c);
            if (quote != 0) {
                word.append(c);
                quote = c == quote ? 0 : quote;
            } else if (blank && !endsInSign(word)) {
                if (!word.isEmpty()) {
                    words.add(word.toString());
                    word.setLength(0);
                }
            } else if (c == '\\' && i + 1 < line.length()) {
                word.append(c).append(line.charAt(++i));
            } else {
                quote = c == '\'' || c == '"' ? c : 0;
                word.append(c);
            }
        }
        if (!word.isEmpty()) {
            words.add(word.toString());
        }
        return words;
    }

    private static boolean endsInSign(StringBuilder word) {
        int end = word.length();
        while (end > 0 && Character.isWhitespace(word.charAt(end - 1))) {
            end--;
        }
        return end >= 2 && word.charAt(end - 1) == '<' && word.charAt(end - 2) == '<';
    }
}
