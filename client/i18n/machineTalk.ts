/** Ids as the server makes them: hex of 16 digits and more, with or without dashes. */
const ID = /\b(?=[0-9a-f-]*\d)[0-9a-f]{8}(?:-?[0-9a-f]{4}){2,}[0-9a-f]*\b/i;
/** A moment as a program says it, ms since 1970, of this century. */
const MOMENT = /\b[12]\d{12}\b/;

/** Whether a sentence of the server's names things as programs do. */
export const isMachineTalk = (text: string): boolean => ID.test(text) || MOMENT.test(text);
