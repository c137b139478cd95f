/**
 * The life of containers: made, started, watched, ended and removed, with what the folders below
 * say. Every interface (command line, Docker's API, CRI) calls this and nothing beside it.
 */
package dev.rung.engine;
