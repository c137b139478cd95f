package dev.rung.cli.oci;

/** One command line under way. */
record Call(Front front, Files files, Globals globals, Journal journal, Arguments arguments) {
    Containers containers() {
        return new Containers(front, files, globals.root());
    }

    /** The first word, which must be the name of a container. */
    String id() {
        return arguments.words().getFirst();
    }

    /** A path of the caller's, absolute. */
    String absolute(String path) {
        return CallerPath.absolute(front.request().workingDirectory(), path);
    }
}
