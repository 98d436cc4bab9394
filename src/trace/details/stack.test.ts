import { expect, it } from 'vitest';
import { countFrames, readStack } from './stack';

const own = (stack: string, code?: string[]) => readStack(stack, { code }).flatMap((p) => p.frames.filter((f) => f.own).map((f) => f.text.trim().split('\n')[0]));
const heads = (stack: string) => readStack(stack).map((p) => p.head.split('\n').pop());

const JAVA = `java.lang.IllegalStateException: Payment failed
\tat java.base/java.util.Objects.requireNonNull(Objects.java:233)
\tat com.acme.pay.Gateway$$EnhancerBySpringCGLIB$$3.charge(Gateway.java:101)
\tat org.springframework.aop.framework.CglibAopProxy.intercept(CglibAopProxy.java:689)
\tat com.acme.pay.Checkout.<init>(Checkout.kt:7)
\tat jdk.internal.reflect.GeneratedMethodAccessor12.invoke(Unknown Source)
Caused by: io.grpc.StatusRuntimeException: INTERNAL: card token
 expired
\tat io.grpc.stub.ClientCalls.blockingUnaryCall(ClientCalls.java:268)
\t... 12 more`;

const PYTHON = `Traceback (most recent call last):
  File "/usr/lib/python3.12/asyncio/runners.py", line 194, in run
    return runner.run(main)
  File "/app/venv/lib/python3.12/site-packages/httpx/_client.py", line 1054, in send
    raise exc
  File "/app/shop/cart.py", line 12, in total
    return prices[item]
           ~~~~~~^^^^^^
KeyError: 'apple'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/app/shop/api.py", line 40, in get
    raise NotFound(item) from e
shop.NotFound: apple`;

const NODE = `Error: connect ECONNREFUSED 10.0.0.7:5432
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1607:16)
    at async Pool.query (/srv/app/node_modules/pg-pool/index.js:45:11)
    at async Object.load (file:///srv/app/src/orders.mjs:12:5)
    at /srv/app/dist/server.js:9:3
    at new Promise (<anonymous>) {
  [cause]: Error: inner
      at Object.<anonymous> (C:\\app\\src\\a.ts:1:7)`;

const GO = `panic: runtime error: index out of range

goroutine 34 [running]:
runtime.gopanic({0x1, 0x2})
\t/usr/local/go/src/runtime/panic.go:770 +0x132
github.com/acme/shop/cart.(*Cart).Total(0xc000)
\t/build/cart/cart.go:31 +0x1d
net/http.HandlerFunc.ServeHTTP(0x1)
\t/usr/local/go/src/net/http/server.go:2136 +0x29
google.golang.org/grpc.(*Server).handle(0x2)
\t/root/go/pkg/mod/google.golang.org/grpc@v1.60.0/server.go:99 +0x1
main.main()
\t/app/main.go:12 +0x1`;

const DOTNET = `System.InvalidOperationException: outer ---> System.Exception: inner
   at Acme.Shop.Cart.<Total>d__3.MoveNext() in /src/Cart.cs:line 12
   --- End of inner exception stack trace ---
   at System.Runtime.CompilerServices.TaskAwaiter.ThrowForNonSuccess(Task task)
   at Microsoft.AspNetCore.Routing.EndpointMiddleware.Invoke(HttpContext context)
   at Acme.Shop.Api.Get(String id) in /src/Api.cs:line 40`;

const RUBY = `app/models/cart.rb:12:in 'Cart#total': undefined method (NoMethodError)
\tfrom /usr/local/bundle/gems/activerecord-7.1/lib/a.rb:1:in \`each'
\tfrom /usr/local/lib/ruby/3.3.0/net/http.rb:9:in 'start'
\tfrom /app/lib/job.rb:3:in \`perform'`;

const PHP = `RuntimeException: no stock in /var/www/src/Cart.php:12
Stack trace:
#0 /var/www/src/Cart.php(40): Cart->total()
#1 /var/www/vendor/symfony/http-kernel/HttpKernel.php(163): App\\Api->get()
#2 [internal function]: Closure->call()
#3 {main}`;

it.each([
  ['Java', JAVA, ['at com.acme.pay.Gateway$$EnhancerBySpringCGLIB$$3.charge(Gateway.java:101)', 'at com.acme.pay.Checkout.<init>(Checkout.kt:7)'], 7],
  ['Node', NODE, ['at async Object.load (file:///srv/app/src/orders.mjs:12:5)', 'at /srv/app/dist/server.js:9:3', 'at Object.<anonymous> (C:\\app\\src\\a.ts:1:7)'], 6],
  ['Go', GO, ['github.com/acme/shop/cart.(*Cart).Total(0xc000)', 'main.main()'], 5],
  ['.NET', DOTNET, ['at Acme.Shop.Cart.<Total>d__3.MoveNext() in /src/Cart.cs:line 12', 'at Acme.Shop.Api.Get(String id) in /src/Api.cs:line 40'], 4],
  ['Ruby', RUBY, ["app/models/cart.rb:12:in 'Cart#total': undefined method (NoMethodError)", 'from /app/lib/job.rb:3:in `perform\''], 4],
  ['PHP', PHP, ['#0 /var/www/src/Cart.php(40): Cart->total()'], 4],
])('knows the service’s own frames in %s', (_, stack, expected, all) => {
  expect(own(stack)).toEqual(expected);
  expect(countFrames(readStack(stack))).toEqual({ own: expected.length, all });
});

it('knows the service’s own frames in Python, with their lines of code, and what failed', () => {
  const parts = readStack(PYTHON);
  expect(parts).toHaveLength(2);
  expect(own(PYTHON)).toEqual(['File "/app/shop/cart.py", line 12, in total', "KeyError: 'apple'", 'File "/app/shop/api.py", line 40, in get', 'shop.NotFound: apple']);
  expect(parts[0].frames[2].text).toMatch(/~~\^/);
});

it('keeps the chain of causes', () => {
  expect(heads(JAVA)).toEqual(['java.lang.IllegalStateException: Payment failed', ' expired']);
  expect(readStack(JAVA)[1].head).toBe('Caused by: io.grpc.StatusRuntimeException: INTERNAL: card token\n expired');
  expect(heads(NODE)).toEqual(['Error: connect ECONNREFUSED 10.0.0.7:5432', '  [cause]: Error: inner']);
});

it('takes the packages that the spans name for the service’s own', () => {
  const stack = 'E\n\tat io.grpc.demo.Server.run(Server.java:1)\n\tat io.netty.channel.X.y(X.java:1)';
  expect(own(stack)).toEqual([]);
  expect(own(stack, ['io.grpc.demo.Server.run'])).toEqual(['at io.grpc.demo.Server.run(Server.java:1)']);
});

it.each([JAVA, PYTHON, NODE, GO, DOTNET, RUBY, PHP, 'no stack at all', 'a\n\n b\r\nc', '', '\tat \n\tat x'])('loses no line (%#)', (stack) => {
  const kept = readStack(stack).flatMap((p) => [...(p.head === '' && p.frames.length > 0 ? [] : [p.head]), ...p.frames.map((f) => f.text)]).join('\n');
  expect(kept).toBe(stack.replace(/\r\n/g, '\n').replace(/\s+$/, ''));
});

it.each(['\tat '.repeat(50_000), `${'a.'.repeat(100_000)}(`, `#${'1'.repeat(100_000)}`, 'File "'.repeat(20_000), `at ${'a/'.repeat(50_000)}`, `at x (${' '.repeat(50_000)}`])('ends with a hostile line (%#)', (line) => {
  expect(readStack(`${line}\n${line}`)).toHaveLength(1);
});
