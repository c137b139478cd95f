/**
 * Which images may come, by what they are called and who signed them: a policy in the format of
 * podman and CRI-O (containers-policy.json(5)), and the signatures of cosign that it asks for. What
 * is not understood or cannot be checked is refused. Must know nothing of registries: signatures
 * are handed in.
 */
package dev.rung.image.signature;
