/**
 * The shape of a language's words, taken from the English ones: each text is any text, and each sentence with something
 * in it a function of the same things. A language that lacks a word, or has one too many, does not compile.
 */
export type Widen<T> = T extends string
  ? string
  : T extends (...given: infer G) => string
    ? (...given: G) => string
    : { readonly [K in keyof T]: Widen<T[K]> };
