/** Peer: plain ws. A client names the channels it wants; what Redis publishes there goes to it. */
import { Redis } from 'ioredis';
import { WebSocketServer } from 'ws';

const subscriber = new Redis(process.env.REDIS_URL);
const rooms = new Map();
subscriber.on('message', (channel, text) => {
  for (const ws of rooms.get(channel) ?? []) ws.send(text);
});
const port = Number(process.env.PORT);
const server = new WebSocketServer({ port, host: '127.0.0.1', perMessageDeflate: false }, () =>
  console.log(`127.0.0.1:${port}`),
);
server.on('connection', (ws) => {
  ws.on('message', async (data) => {
    for (const channel of JSON.parse(data).topics) {
      if (!rooms.has(channel)) rooms.set(channel, new Set());
      rooms.get(channel).add(ws);
      await subscriber.subscribe(channel);
    }
    ws.send('{"type":"subscribed"}');
  });
  ws.on('close', () => {
    for (const room of rooms.values()) room.delete(ws);
  });
});
