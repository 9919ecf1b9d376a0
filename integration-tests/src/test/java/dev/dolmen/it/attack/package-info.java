/**
 * An attacker of our own: it speaks the protocol and misbehaves, in one named way after the other
 * or in all at once, towards a real node on this machine. {@link AttackCommand} runs it by hand,
 * {@code AttackTest} at every build; {@code docs/security.md} says what each attack is about.
 */
package dev.dolmen.it.attack;
