/**
 * Dockerfiles as text: lines, instructions, variables, patterns. Pure functions, which touch no
 * file; what the words mean for an image is {@code dev.rung.build}'s matter.
 *
 * <p>Source: Docker's Dockerfile reference, and for what it leaves open what Docker's builder does.
 */
package dev.rung.build.dockerfile;
