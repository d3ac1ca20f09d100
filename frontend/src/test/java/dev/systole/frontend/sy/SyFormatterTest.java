package dev.systole.frontend.sy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SyFormatterTest {
    private static void formats(String text, String expected) {
        var formatted = SyFormatter.format(Path.of("m.sy"), text);
        assertThat(formatted).isEqualTo(expected);
        assertThat(SyFormatter.format(Path.of("m.sy"), formatted)).isEqualTo(formatted);
    }

    @Test
    void spacesAndLinesAreNormal() {
        formats("""


            model  m( x:f32[n,3]  , y : i64[ ] )->(z:f32[ ... ]) { opset 17


              let   (a,_)=Split( x,axis = - 1,num_outputs=2 ) let b=-a**2--3
              weights "a.npz" param w:f32[ 2*n,3 ]=uniform( -1,1,seed=3 ) state s:f32[2]
              for i in 0 .. 3{b=b+i} if n>3 { } else { let q = x[0,1:3,::2,...,-1 ] }
              z=not(a and b)or(c<=d)!=com . acme . F(x).shape( 0 ) (a,b)=(b,a) }
            fn f(x:f32[n]  )->(f32[n],f32[n]) { return x,x } fn g(k:int)->f32[k] { return (x) }\
            """, """
            model m(x: f32[n, 3], y: i64[]) -> (z: f32[...]) {
              opset 17

              let (a, _) = Split(x, axis=-1, num_outputs=2)
              let b = -a ** 2 - -3
              weights "a.npz"
              param w: f32[2 * n, 3] = uniform(-1, 1, seed=3)
              state s: f32[2]
              for i in 0..3 {
                b = b + i
              }
              if n > 3 {} else {
                let q = x[0, 1:3, ::2, ..., -1]
              }
              z = not (a and b) or (c <= d) != com.acme.F(x).shape(0)
              (a, b) = (b, a)
            }

            fn f(x: f32[n]) -> (f32[n], f32[n]) {
              return x, x
            }

            fn g(k: int) -> f32[k] {
              return (x)
            }
            """);
    }

    @Test
    void commentsStayWhereTheyAre() {
        formats("""
            // head

            // of m
            model m(x: f32[1]) -> (y: f32[1]) { // begins
            // first

            // second
              let a = x // beside a
              let b = f(a, // in
            // above
            a)
              let c = a + // why
            b
            // deep
            * a
              y = c


              // last
            } // m
            // f
            fn f(x: f32[n]) -> f32[n] {
            // only
            return x }
            // tail
            """, """
            // head

            // of m
            model m(x: f32[1]) -> (y: f32[1]) { // begins
              // first

              // second
              let a = x // beside a
              let b = f(
                a, // in
                // above
                a
              )
              let c = a + // why
                  b
                  // deep
                  * a
              y = c

              // last
            } // m

            // f
            fn f(x: f32[n]) -> f32[n] {
              // only
              return x
            }
            // tail
            """);
        formats("", "");
        formats("// nothing\n", "// nothing\n");
    }

    @Test
    void whatDoesNotFitALineIsBrokenAtItsBrackets() {
        var items = "1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0, 18.0,"
                + " 19.0, 20.0";
        formats(
                "model m(first_of_all: f32[batch, 12, 64, 64], second_of_all: f32[batch, 12, 64, 64]) ->"
                        + " (the_whole_result: f32[batch, 12]) { let a = Loop(10, _, x, body={ i: i64[], c: bool[], v:"
                        + " f32[4] -> let t = v * 2 return c, t }) let b = a_function_of_a_long_name(the_first_argument,"
                        + " the_second_argument, another(third, fourth), the_fifth_argument) param p: f32[20] ="
                        + " values([" + items
                        + "]) the_whole_result = If(c, then_branch={ x }, else_branch={ y }) }",
                """
                model m(first_of_all: f32[batch, 12, 64, 64], second_of_all: f32[batch, 12, 64, 64]) -> (
                  the_whole_result: f32[batch, 12]
                ) {
                  let a = Loop(
                    10,
                    _,
                    x,
                    body={ i: i64[], c: bool[], v: f32[4] ->
                      let t = v * 2
                      return c, t
                    }
                  )
                  let b = a_function_of_a_long_name(
                    the_first_argument,
                    the_second_argument,
                    another(third, fourth),
                    the_fifth_argument
                  )
                  param p: f32[20] = values([
                    1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 14.0, 15.0, 16.0, 17.0, 18.0, 19.0, 20.0
                  ])
                  the_whole_result = If(c, then_branch={ x }, else_branch={ y })
                }
                """);
    }

    @Test
    void textsThatBreakTheGrammarAreRefused() {
        assertThatThrownBy(() -> SyFormatter.format(Path.of("m.sy"), "model m(x: f32[1]) -> (y: f32[1]) { y = }"))
                .isInstanceOf(SyException.class)
                .hasMessageStartingWith("m.sy:1:41: error SYS1502: expected an expression, found \"}\"");
    }
}
