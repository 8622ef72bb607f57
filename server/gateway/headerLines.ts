/** What of uWebSockets.js tells the headers of a request. */
export interface Headers {
  forEach(tell: (lowerCaseName: string, value: string) => void): void;
}

/**
 * All lines of a header as one list, in the order they came: proxies append a line as well as an entry, and the first
 * line may be the client's own.
 */
export function headerList(req: Headers, name: string): string {
  const lines: string[] = [];
  req.forEach((one, value) => {
    if (one === name) lines.push(value);
  });
  return lines.join(',');
}
