/**
 * Docker's Engine API, versions 1.24 to 1.51, as one table of routes; what a route does is the
 * engine's. Paths, fields and messages are those of Docker's own daemon, because tools match on
 * them; where Rung differs on purpose, docs/docker.md says so.
 */
package dev.rung.docker;
