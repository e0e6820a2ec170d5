// npm run start:lan: npm start for a real phone in the same network. The built-in WeChat is open to that network too.
import os from 'node:os';
import process from 'node:process';
import { say } from './lib/run.mjs';
import { loadEnvironment } from './lib/server-process.mjs';

loadEnvironment();
process.env.HOST = '0.0.0.0';
process.env.SANDBOX_LAN = '1';

const addresses = Object.values(os.networkInterfaces())
  .flat()
  .filter((address) => address.family === 'IPv4' && !address.internal)
  .map(({ address }) => `http://${address}:${process.env.PORT || 3000}`);
if (addresses.length === 0) say('this machine has no address that a phone could reach');
else
  say(`on a phone in this network: write ${addresses.join(' or ')} for the address in miniprogram/config.ts`);

await import('./start.mjs');
