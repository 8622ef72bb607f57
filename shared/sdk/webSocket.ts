/** The part of the browser's WebSocket that the SDK uses. */
export interface WebSocketLike {
  send(text: string): void;
  close(code?: number, reason?: string): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: (() => void) | null;
}

export type WebSocketFactory = (url: string, protocol: string) => WebSocketLike;

/** The platform's own WebSocket: browsers, Node from 22. */
export const platformWebSocket: WebSocketFactory = (url, protocol) => {
  if (globalThis.WebSocket === undefined) {
    throw new TypeError(
      'this platform has no WebSocket: give createClient a webSocket, such as nodeWebSocket',
    );
  }
  // Its handlers take richer events than the SDK reads, which TypeScript does not take for the same thing.
  return new globalThis.WebSocket(url, protocol) as unknown as WebSocketLike;
};
