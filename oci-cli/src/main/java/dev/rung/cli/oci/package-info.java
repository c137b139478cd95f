/** The command line of rung-oci, verb for verb and flag for flag runc's. */
package dev.rung.cli.oci;
