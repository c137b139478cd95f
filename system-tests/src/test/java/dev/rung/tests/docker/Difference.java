package dev.rung.tests.docker;

/**
 * Something that is different between two engines.
 *
 * @param request as requests.txt has it
 * @param where status, message, the name of a header, or a place in the JSON
 * @param what the one's and the other's
 */
record Difference(String request, String where, String what) {
    @Override
    public String toString() {
        return request + " | " + where + " | " + what;
    }
}
