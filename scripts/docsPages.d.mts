/** Renders each page in Markdown of one folder into another, which is emptied before; answers how many there are. */
export function buildPages(from: string, to: string): number;
