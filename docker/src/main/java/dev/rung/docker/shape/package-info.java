/** The JSON that Docker's API has for containers, images, networks and volumes. */
package dev.rung.docker.shape;
