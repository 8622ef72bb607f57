/** Whose pages may talk to us: the same list guards the auth routes and the upgrade. */
export class OriginPolicy {
  private readonly allowed: ReadonlySet<string>;

  constructor(allowedOrigins: readonly string[]) {
    this.allowed = new Set(allowedOrigins.map((origin) => origin.toLowerCase().replace(/\/$/, '')));
  }

  /** Programs send no Origin; a page must come from our own host or from the list. */
  admits(origin: string, host: string): boolean {
    return origin === '' || this.isSame(origin, host) || this.isListed(origin);
  }

  isListed(origin: string): boolean {
    return this.allowed.has(origin.toLowerCase());
  }

  /** By host and port: behind a proxy that ends TLS the scheme we see is not the browser's. */
  isSame(origin: string, host: string): boolean {
    const match = /^https?:\/\/([^/]+)$/i.exec(origin);
    return match?.[1] !== undefined && host !== '' && match[1].toLowerCase() === host.toLowerCase();
  }
}
