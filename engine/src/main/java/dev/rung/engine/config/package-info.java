/**
 * What the runtime is told of a container: config.json, from what was asked for, what the image
 * says and what was decided when it starts. Where nothing is asked for it decides as Docker does.
 * Pure functions, but for the profile that lies beside the classes.
 */
package dev.rung.engine.config;
