import type { WebSocketFactory, WebSocketLike } from '../../shared/sdk/webSocket.ts';

/** What goes over one socket, before it is sent and before it is handed over. */
export interface Ears {
  sent?(text: string): void;
  received(text: string): void;
}

/** Sockets of this factory are listened to, each with ears of its own, until the SDK gives them up. */
export function overheard(factory: WebSocketFactory, ears: () => Ears): WebSocketFactory {
  return (url, protocol) => {
    const inner = factory(url, protocol);
    const { sent, received } = ears();
    const outer: WebSocketLike = {
      send: (text) => {
        sent?.(text);
        inner.send(text);
      },
      close: (code, reason) => inner.close(code, reason),
      onopen: null,
      onmessage: null,
      onclose: null,
      onerror: null,
    };
    inner.onopen = () => outer.onopen?.();
    inner.onmessage = (event) => {
      if (outer.onmessage === null) return;
      if (typeof event.data === 'string') received(event.data);
      outer.onmessage(event);
    };
    inner.onclose = (event) => outer.onclose?.(event);
    inner.onerror = () => outer.onerror?.();
    return outer;
  };
}
