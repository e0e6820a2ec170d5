/** Peer: socket.io with rooms, as above. Clients speak its protocol by hand over a WebSocket, so that they cost the same. */
import { createServer } from 'node:http';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';

const subscriber = new Redis(process.env.REDIS_URL);
const http = createServer();
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false });
subscriber.on('message', (channel, text) => io.to(channel).emit('e', text));
io.on('connection', (socket) => {
  socket.on('subscribe', async (topics) => {
    for (const topic of topics) {
      socket.join(topic);
      await subscriber.subscribe(topic);
    }
    socket.emit('subscribed');
  });
});
const port = Number(process.env.PORT);
http.listen(port, '127.0.0.1', () => console.log(`127.0.0.1:${port}`));
