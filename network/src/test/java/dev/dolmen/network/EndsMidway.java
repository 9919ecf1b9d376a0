package dev.dolmen.network;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Tests whose world ends while messages are under way in it, as a simulation's does: what is left
 * in its wires is not lost by the code that is tested, and {@link NoLeaks} forgets it.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface EndsMidway {}
