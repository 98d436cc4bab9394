// A stack trace as lines that know whose code they are: of the service, or of a library. Each
// language writes its frames in its own way; a line that is no frame in any of them is kept as
// it is, so that nothing is ever lost.

interface StackFrame {
  /** One line; of Go two, the function and where it is. */
  text: string;
  own: boolean;
}

/** An exception of a chain, with its frames. */
export interface StackPart {
  /** The lines before the frames: type and message, or "Caused by: ...". */
  head: string;
  frames: StackFrame[];
}

type Judge = (line: string, mine: readonly string[]) => boolean | undefined;

/** Packages that a service's own code is not in, however it is called. */
const JVM_LIBRARIES = new RegExp(
  `^(?:${[
    'java', 'javax', 'jakarta', 'jdk', 'sun', 'com\\.sun', 'kotlin', 'kotlinx', 'scala', 'groovy', 'clojure', 'android', 'androidx', 'dalvik',
    'org\\.(?:springframework|apache|hibernate|eclipse|jboss|aspectj|postgresql|mariadb|slf4j|codehaus|reactivestreams|junit|glassfish|xnio|thymeleaf|jooq|mongodb)',
    'io\\.(?:grpc|netty|opentelemetry|micrometer|vertx|quarkus|micronaut|reactivex|lettuce|undertow|ktor|jaegertracing|smallrye|projectreactor)',
    'com\\.(?:google\\.(?:common|protobuf|inject|api|cloud)|fasterxml|zaxxer|mysql|netflix|mongodb|amazonaws|rabbitmq|squareup|microsoft|oracle|datastax|couchbase)',
    'software\\.amazon', 'oracle\\.jdbc', 'reactor', 'rx', 'akka', 'play\\.(?:api|core|utils)', 'okhttp3', 'okio', 'retrofit2', 'feign', 'ch\\.qos', 'net\\.bytebuddy', 'net\\.sf\\.cglib', 'redis\\.clients',
  ].join('|')})\\.`
);

const jvm: Judge = (line, mine) => {
  const found = /^\s*at (?:[\w.@-]*\/{1,2})?([\w$.]+)\.[\w$<>-]+\((?:[\w$-]+\.(?:java|kt|scala|groovy|clj):\d+|[\w$-]+\.(?:java|kt|scala|groovy)|Native Method|Unknown Source|<generated>|.*\.class)\)/.exec(line);
  return found ? mine.some((prefix) => found[1].startsWith(prefix)) || !JVM_LIBRARIES.test(`${found[1]}.`) : undefined;
};

const dotnet: Judge = (line, mine) => {
  const found = /^\s*at ([\w.`+<>[\],|]+)\(.*\)(?: in (.+):line \d+)?\s*$/.exec(line);
  return found ? mine.some((prefix) => found[1].startsWith(prefix)) || !/^(?:System|Microsoft|Grpc|Npgsql|MySql|Newtonsoft|StackExchange|OpenTelemetry|Polly|MassTransit|Castle|Autofac|Serilog)\./.test(found[1]) : undefined;
};

const node: Judge = (line) => {
  const found = /^\s*at (?:.*\()?((?:file:\/\/|node:|webpack:|[A-Za-z]:\\|\/|\.|internal\/|<anonymous>|native|evalmachine|index |[\w@-]+[/.])[^()]*?)\)?(?: \{)?\s*$/.exec(line);
  if (!found || !/:\d+|<anonymous>|native/.test(found[1])) {
    return undefined;
  }
  return !/[\\/]node_modules[\\/]|^node:|^internal\/|^<anonymous>|^native/.test(found[1]);
};

const python: Judge = (line) => {
  const found = /^\s*File "([^"]+)", line \d+(?:, in .*)?$/.exec(line);
  return found ? !/[\\/](?:site|dist)-packages[\\/]|[\\/]lib[\\/]python\d|^<frozen |[\\/]Lib[\\/]/.test(found[1]) : undefined;
};

const ruby: Judge = (line) => {
  const found = /^\s*(?:from |\d+: from )?((?:\/|\.|[A-Za-z]:|<internal:|[\w-]+\/)[^:]*(?::[\w-]+>)?):\d+:in [`']/.exec(line);
  return found ? !/\/gems\/|\/lib\/ruby\/|^<internal:|\/vendor\/bundle\//.test(found[1]) : undefined;
};

const php: Judge = (line) => {
  const found = /^#\d+ (.*)$/.exec(line);
  return found ? !/\/vendor\/|^\[internal function\]|^\{main\}/.test(found[1]) : undefined;
};

const LINE_JUDGES: readonly Judge[] = [jvm, node, dotnet, python, ruby, php];

/** No frame is longer; the patterns need not end on what is. */
const LONGEST = 2000;

/** Where a Go function is: the line under its name. */
const GO_FILE = /^\t(\S.*\.(?:go|s)):\d+(?: \+0x[0-9a-f]+)?$/;

// By where the file lies, else by the function's package: the standard library's have no dot
// in their first element.
function goIsOwn(name: string, file: string): boolean {
  const std = !/^(?:main|[\w-]+\.[\w.-]*\/)/.test(name.replace(/^created by /, '')) && /^(?:created by )?[a-z0-9_]+(?:\/[a-z0-9_./]+)?\./.test(name);
  return !/\/pkg\/mod\/|\/vendor\/|\/go\/src\/|\/usr\/lib\/go/.test(file) && !(std && !/^\/(?:app|src|home|workspace|build|code)\//.test(file));
}

const NEXT_PART = /^\s*(?:Caused by: |Suppressed: |\[cause\]: |\[errors\]: |--- End of inner exception|---> |Next )|^(?:The above exception was the direct cause|During handling of the above exception)|^Traceback \(most recent call last\):/;
/** Java leaves out frames that the exception before has, too. */
const SHARED_WITH_LAST = /^\s*\.\.\. \d+ (?:more|common frames omitted)/;

/** What is known of the service's own code: packages that its spans name. */
interface StackContext {
  /** Of the span: `code.namespace`, `code.function.name`. */
  code?: readonly string[];
}

/**
 * The exceptions of a stack trace, the outermost first as the language writes them. Python
 * writes the cause first, and the frame that failed last; its order is kept.
 */
export function readStack(stack: string, context: StackContext = {}): StackPart[] {
  const mine = (context.code ?? []).map(packageOf).filter((prefix) => prefix !== '');
  const lines = stack.replace(/\r\n?/g, '\n').replace(/\s+$/, '').split('\n');
  const parts: StackPart[] = [];
  let part: StackPart | undefined;
  let head: string[] = [];
  const begin = () => {
    parts.push((part = { head: head.join('\n'), frames: [] }));
    head = [];
  };
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i];
    if (part && NEXT_PART.test(line)) {
      part = undefined;
    }
    const found = frameAt(lines, i, mine);
    if (found) {
      if (!part) {
        begin();
      }
      part!.frames.push(found.frame);
      i += found.more;
    } else if (part && part.frames.length > 0) {
      continued(part, line);
    } else {
      head.push(line);
    }
  }
  if (head.length > 0) {
    begin();
  }
  return parts;
}

function frameAt(lines: readonly string[], i: number, mine: readonly string[]): { frame: StackFrame; more: number } | undefined {
  const line = lines[i];
  if (line.length > LONGEST) {
    return undefined;
  }
  const file = GO_FILE.exec(lines[i + 1] ?? '');
  if (file && /^\S.*[)\w]$/.test(line) && !/^goroutine /.test(line)) {
    return { frame: { text: `${line}\n${lines[i + 1]}`, own: mine.some((prefix) => line.startsWith(prefix)) || goIsOwn(line, file[1]) }, more: 1 };
  }
  for (const judge of LINE_JUDGES) {
    const own = judge(line, mine);
    if (own !== undefined) {
      return { frame: { text: line, own }, more: 0 };
    }
  }
  return undefined;
}

// A line after frames that is none: "... 23 more", Python's line of code, what failed.
function continued(part: StackPart, line: string): void {
  const last = part.frames[part.frames.length - 1];
  if (SHARED_WITH_LAST.test(line)) {
    part.frames.push({ text: line, own: false });
  } else if (/^\s|^$/.test(line)) {
    last.text += `\n${line}`;
  } else {
    part.frames.push({ text: line, own: true });
  }
}

/** Its first two elements: `com.acme` of `com.acme.checkout.Cart.total`, all of a Go module's path. */
function packageOf(code: string): string {
  if (code.includes('/')) {
    return code.slice(0, code.lastIndexOf('/') + 1);
  }
  const names = code.split('.');
  return names.length > 2 ? `${names[0]}.${names[1]}.` : '';
}

export const countFrames = (parts: readonly StackPart[]): { own: number; all: number } =>
  parts.reduce((sum, { frames }) => ({ own: sum.own + frames.filter((f) => f.own).length, all: sum.all + frames.length }), { own: 0, all: 0 });
