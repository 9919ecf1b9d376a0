/**
 * The pages as people meet them: real nodes, a real browser. Each test owns its nodes and its
 * window; the browser is shared by all classes. Everything happens on the test's thread, since
 * Playwright knows no other. May depend on all modules.
 */
@NullMarked
package dev.dolmen.it.browser;

import org.jspecify.annotations.NullMarked;
