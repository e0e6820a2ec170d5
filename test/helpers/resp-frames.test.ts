import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RespFrames } from './resp-frames.ts';

const frames = [
  'PING\r\n',
  '*2\r\n$3\r\nGET\r\n$1\r\na\r\n',
  '+OK\r\n',
  '-ERR no\r\n',
  ':42\r\n',
  '$-1\r\n',
  '$0\r\n\r\n',
  '$4\r\n\r\n\r\n\r\n',
  '*-1\r\n',
  '*0\r\n',
  '*3\r\n:1\r\n*1\r\n$2\r\nhi\r\n_\r\n',
  '%2\r\n+a\r\n:1\r\n+b\r\n#t\r\n',
  '~2\r\n:1\r\n:2\r\n',
  '>2\r\n+message\r\n+x\r\n',
  '=5\r\ntxt:a\r\n',
  ',1.5\r\n',
  '|1\r\n+ttl\r\n:9\r\n$1\r\nv\r\n',
];

test('a stream is cut into its frames, in one piece or byte by byte', () => {
  const stream = Buffer.from(frames.join(''));
  assert.deepEqual(new RespFrames().push(stream).map(String), frames);

  const slow = new RespFrames();
  const cut: string[] = [];
  for (const byte of stream) cut.push(...slow.push(Buffer.from([byte])).map(String));
  assert.deepEqual(cut, frames);
});
