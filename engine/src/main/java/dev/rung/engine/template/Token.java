package dev.rung.engine.template;

/**
 * A word of an action.
 *
 * @param text for texts what they say, without quotes
 */
record Token(Kind kind, String text) {
    enum Kind {
        /** A field, with the dot: .Name; the dot alone is the value itself. */
        FIELD,
        /** A variable, with the dollar. */
        VARIABLE,
        TEXT,
        NUMBER,
        NAME,
        /** One of ( ) | , and := = */
        SIGN
    }

    boolean is(String sign) {
        return kind == Kind.SIGN && text.equals(sign);
    }

    boolean isName(String name) {
        return kind == Kind.NAME && text.equals(name);
    }
}
