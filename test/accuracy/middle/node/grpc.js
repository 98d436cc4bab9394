// A server of gRPC in Node (grpc-js): for a method of any name, /a/ID, one call to the backend by gRPC and one statement (mysql2).
const grpc = require('@grpc/grpc-js');
const { BACKEND_GRPC, DATABASE, BACKGROUND } = process.env;
const pool = require('mysql2/promise').createPool({ host: DATABASE, user: 'root', connectionLimit: 32 });
const client = new grpc.Client(BACKEND_GRPC, grpc.credentials.createInsecure());

// google.protobuf.StringValue of less than 128 bytes.
const serialize = (text) => Buffer.concat([Buffer.from([10, Buffer.byteLength(text)]), Buffer.from(text)]);
const deserialize = (bytes) => bytes.subarray(2).toString();

const call = (path) =>
  new Promise((resolve, reject) => {
    const done = (error, text) => (error ? reject(error) : resolve(text));
    client.makeUnaryRequest(path, serialize, deserialize, path.split('/')[2], done);
  });

function same(who, got, id) {
  if (got !== id) {
    throw new Error(`${who} answered ${got}, want ${id}`);
  }
}

async function work(id) {
  same('backend', await call(`/b/${id}`), id);
  const [rows] = await pool.query(`SELECT '${id}' AS id`);
  same('database', rows[0].id, id);
  return `middle ${id}\n`;
}

// Calls for no request, by a timer; their name has no id: what a program serves has few names.
function background(every) {
  setTimeout(() => {
    call('/background/job').catch(console.error).finally(() => background(every));
  }, (0.5 + Math.random()) * every);
}

if (parseInt(BACKGROUND) > 0) {
  background(parseInt(BACKGROUND));
}

// A server has a method for each name that it serves; this one is asked for names that are not known before.
class Methods extends Map {
  get(path) {
    const func = (_, callback) => work(path.split('/')[2]).then((text) => callback(null, text), callback);
    return { path, type: 'unary', func, serialize, deserialize };
  }
}

const server = new grpc.Server();
server.handlers = new Methods();
server.bindAsync('0.0.0.0:8080', grpc.ServerCredentials.createInsecure(), (error) => {
  if (error) {
    throw error;
  }
});
