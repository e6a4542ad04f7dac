/*
 * The layout of a packed value: a tag of one byte, then what the tag asks for. Numbers are big-endian; a length is a
 * varint, seven bits per byte, the lowest first (https://protobuf.dev/programming-guides/encoding/#varints).
 *
 * Objects of equal keys share a *shape*: the first one carries its keys, the others name it by its place in the order
 * of first appearance. So a list of rows holds each key once.
 */

/** 0x00 to 0x3f: the integers 0 to 63. */
export const SMALL_INTEGER_LIMIT = 0x40;

/** 0x40 to 0x7f: text of 0 to 63 characters in Latin-1. */
export const SHORT_TEXT = 0x40;
export const SHORT_TEXT_LIMIT = 0x40;

/** 0x80 to 0x9f: an object of shape 0 to 31; its values follow in the order of the keys. */
export const SHORT_OBJECT = 0x80;
export const SHORT_OBJECT_LIMIT = 0x20;

/** 0xa0 to 0xbf: an array of 0 to 31 elements. */
export const SHORT_ARRAY = 0xa0;
export const SHORT_ARRAY_LIMIT = 0x20;

export const NULL = 0xc0;
export const UNDEFINED = 0xc1;
export const FALSE = 0xc2;
export const TRUE = 0xc3;
export const INT8 = 0xc4;
export const INT16 = 0xc5;
export const INT32 = 0xc6;
/** Any other number, also -0, NaN and the infinities: IEEE 754, eight bytes. */
export const FLOAT64 = 0xc7;
/** Milliseconds since 1970, signed, in six bytes: the years -2490 to 6429. */
export const DATE = 0xc8;
/** Milliseconds since 1970 as eight bytes of IEEE 754; NaN for an invalid date. */
export const FAR_DATE = 0xc9;
/** A big integer that fits in eight bytes, signed. */
export const INT64 = 0xca;
/** Length, then the magnitude. */
export const POSITIVE_BIG = 0xcb;
export const NEGATIVE_BIG = 0xcc;
/** Length, then its digits in ASCII. */
export const DECIMAL = 0xcd;
/** Length, then the bytes. */
export const BYTES = 0xce;
/** Length in bytes, then UTF-8: what is not all ASCII. */
export const TEXT = 0xcf;
/** Length in bytes, then UTF-16, the low byte first: for text with lone surrogates, which UTF-8 cannot hold. */
export const TEXT_UTF16 = 0xd0;
/** Number of a shape, then the values. */
export const OBJECT = 0xd1;
/** Count of keys, length of the keys in bytes, the keys as texts, then the values. The shape takes the next number. */
export const NEW_OBJECT = 0xd2;
/** Length, then the elements. */
export const ARRAY = 0xd3;
/** Length, then Latin-1: long text that is all ASCII, which need not be looked at character by character. */
export const TEXT_LATIN1 = 0xd4;
