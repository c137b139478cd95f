/**
 * Builds images of Dockerfiles: the steps, the cache that they leave, and the containers of RUN.
 * Progress is told in the words of Docker's classic builder, which tools read.
 *
 * <p>Contexts, Dockerfiles and base images are hostile. Files of the context and of stages are only
 * opened below a descriptor, where neither links nor ".." lead out; what RUN does, it does in a
 * container as isolated as any other.
 */
package dev.rung.build;
