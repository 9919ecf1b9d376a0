package dev.dolmen.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test with a network of its own, which its {@link DolmenNetwork} parameter is:
 *
 * <pre>{@code
 * @DolmenTest(nodes = 4)
 * void bothSidesAgreeAfterwards(DolmenNetwork net) { … }
 * }</pre>
 *
 * <p>The network starts before the test, is closed after it, and is shared with nobody, so such
 * tests may run in parallel. {@code @BeforeEach} and {@code @AfterEach} methods may take the same
 * parameter.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.METHOD, ElementType.ANNOTATION_TYPE})
@Test
@ExtendWith(NetworkParameter.class)
public @interface DolmenTest {
  /** How many nodes, 2 to 50. */
  int nodes() default 4;
}
