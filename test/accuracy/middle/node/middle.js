// A service in Node: one call to the backend and, where there is a database, one statement (mysql2).
//   /a/ID  fetch (undici)    /h/ID  http.request with an agent that keeps connections
const http = require('node:http');
const { BACKEND, DATABASE, BACKGROUND } = process.env;
const pool = DATABASE ? require('mysql2/promise').createPool({ host: DATABASE, user: 'root', connectionLimit: 32 }) : null;
const agent = new http.Agent({ keepAlive: true, maxSockets: 128 });

const byHttp = (url) =>
  new Promise((resolve, reject) => {
    const request = http.get(url, { agent }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk)).on('end', () => resolve(text)).on('error', reject);
    });
    request.on('error', reject);
  });
const byFetch = async (url) => (await fetch(url)).text();

function same(who, got, id) {
  if (got !== id) {
    throw new Error(`${who} answered ${got}, want ${id}`);
  }
}

async function work(get, id) {
  same('backend', (await get(`${BACKEND}/b/${id}`)).trim(), id);
  if (pool) {
    const [rows] = await pool.query(`SELECT '${id}' AS id`);
    same('database', rows[0].id, id);
  }
}

// Calls for no request, by a timer.
let calls = 0;
function background(every, get) {
  setTimeout(() => {
    get(`${BACKEND}/background/${calls++}`).catch(console.error).finally(() => background(every, get));
  }, (0.5 + Math.random()) * every);
}

if (parseInt(BACKGROUND) > 0) {
  background(parseInt(BACKGROUND), byHttp);
  background(parseInt(BACKGROUND), byFetch);
}

http
  .createServer(async (request, response) => {
    const [, kind, id] = request.url.split('/');
    try {
      await work(kind === 'h' ? byHttp : byFetch, id);
      response.end(`middle ${id}\n`);
    } catch (error) {
      response.statusCode = 500;
      response.end(String(error));
    }
  })
  .listen(8080);

// OpenTelemetry's register module listens to SIGTERM, and then Node does not end by itself any more.
process.on('SIGTERM', () => setTimeout(process.exit, 1000, 0));
