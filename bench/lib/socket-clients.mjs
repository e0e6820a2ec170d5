/** Clients of the three kinds, with one face: they subscribe to topics and tell what arrives. */
import { WebSocket } from 'ws';

/** Resolves once the answer to its subscribe is there. `onEvent(topic, seq, type)`; `after` by topic, or absent. */
export function openClient(kind, url, { token, topics, after = {}, onEvent }) {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(kind === 'socketio' ? `${url}/socket.io/?EIO=4&transport=websocket` : url, {
      perMessageDeflate: false,
    });
    const state = { ws, positions: { ...after }, subscribedAt: 0 };
    let answers = 0;
    ws.once('error', reject);
    ws.once('close', () => reject(new Error('closed')));
    const subscribed = () => {
      state.subscribedAt = performance.now();
      resolve(state);
    };
    if (kind === 'zhundian') {
      ws.once('open', () => {
        ws.send(JSON.stringify({ type: 'auth', payload: { token } }));
        const asks = topics.map((topic) => ({ topic, after: after[topic] ?? null }));
        ws.send(JSON.stringify({ type: 'subscribe', payload: { id: '1', topics: asks } }));
      });
      ws.on('message', (data) => {
        const { type, topic, seq, payload } = JSON.parse(data);
        if (type === 'subscribed' || type === 'reset') {
          state.positions[payload.topic] = { epoch: payload.epoch, seq: payload.seq };
          if (type === 'reset') state.reset = true;
          answers += 1;
          if (answers === topics.length) subscribed();
        } else if (seq !== undefined) {
          const known = state.positions[topic];
          if (seq !== known.seq + 1) state.hole = `${topic}: ${known.seq} then ${seq}`;
          known.seq = seq;
          onEvent?.(type, payload, state);
        } else if (type === 'error') reject(new Error(JSON.stringify(payload)));
      });
    } else if (kind === 'ws') {
      ws.once('open', () => ws.send(JSON.stringify({ topics })));
      ws.on('message', (data) => {
        const frame = JSON.parse(data);
        if (frame.type === 'subscribed') subscribed();
        else onEvent?.(frame.type, frame.payload, state);
      });
    } else {
      ws.on('message', (data) => {
        const text = String(data);
        if (text.startsWith('0')) ws.send('40');
        else if (text === '2') ws.send('3');
        else if (text.startsWith('40')) ws.send(`42${JSON.stringify(['subscribe', topics])}`);
        else if (text.startsWith('42["subscribed"')) subscribed();
        else if (text.startsWith('42')) {
          const frame = JSON.parse(JSON.parse(text.slice(2))[1]);
          onEvent?.(frame.type, frame.payload, state);
        }
      });
    }
  });
}

/** Opens many, so many at a time. */
export async function openMany(count, atOnce, open) {
  const clients = new Array(count);
  let next = 0;
  const worker = async () => {
    for (let n = next++; n < count; n = next++) clients[n] = await open(n);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return clients;
}
