package dev.rung.docker;

/** Patterns of Go's path.Match, without its classes: * and ? stand for what has no slash. */
final class Glob {
    private Glob() {}

    /** Goes back to the last * only, so that no pattern takes long. */
    static boolean fits(String pattern, String text) {
        int at = 0;
        int star = -1;
        int tried = 0;
        int place = 0;
        while (place < text.length()) {
            char c = at < pattern.length() ? pattern.charAt(at) : 0;
            char own = text.charAt(place);
            if (c == '*') {
                star = at++;
                tried = place;
            } else if (at < pattern.length() && (c == own || c == '?' && own != '/')) {
                at++;
                place++;
            } else if (star >= 0 && text.charAt(tried) != '/') {
                at = star + 1;
                place = ++tried;
            } else {
                return false;
            }
        }
        while (at < pattern.length() && pattern.charAt(at) == '*') {
            at++;
        }
        return at == pattern.length();
    }
}
