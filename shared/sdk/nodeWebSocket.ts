import WebSocket from 'ws';
import type { WebSocketFactory, WebSocketLike } from './webSocket.ts';

/** Largest frame taken from a server, bytes: snapshots are the large ones. */
const MAX_PAYLOAD_BYTES = 16 * 1024 * 1024;

/** For Node programs whose Node has no WebSocket of its own (before 22). */
export const nodeWebSocket: WebSocketFactory = (url, protocol) => {
  const socket = new WebSocket(url, protocol, { perMessageDeflate: false, maxPayload: MAX_PAYLOAD_BYTES });
  const like: WebSocketLike = {
    send: (text) => socket.send(text),
    close: (code, reason) => socket.close(code, reason),
    onopen: null,
    onmessage: null,
    onclose: null,
    onerror: null,
  };
  socket.on('open', () => like.onopen?.());
  socket.on('message', (data, isBinary) => like.onmessage?.({ data: isBinary ? data : data.toString() }));
  socket.on('close', (code, reason) => like.onclose?.({ code, reason: reason.toString() }));
  socket.on('error', () => like.onerror?.());
  return like;
};
