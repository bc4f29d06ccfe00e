/**
 * Text of other users, such as a cause, a note or an ID, without the characters that control a terminal. Line breaks and
 * tabs stay.
 */
export const printable = (text: string): string => text.replaceAll(/[^\P{Cc}\n\t]+/gu, ' ');

/** The same in one line. */
export const printableLine = (text: string): string => text.replaceAll(/\p{Cc}+/gu, ' ');
