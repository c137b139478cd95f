/** What tests need: bundles, an observer that looks out of a container, faults and clocks. */
package dev.rung.testkit;
