package l7

import (
	"bytes"
	"strings"
)

// redisCommand is what is known of a command.
type redisCommand struct {
	name  string // "" is of all that are not known
	key   int8   // which argument is its first key, or a channel, a pattern; 0: none
	flags redisFlags
}

type redisFlags uint8

const (
	redisSilent    redisFlags = 1 << iota // how clients set up a connection, and keep it
	redisBlocks                           // it waits for what somebody else does
	redisIfBlock                          // if it says BLOCK
	redisNumbered                         // the argument in front of its key says how many keys there are
	redisStreams                          // its keys stand behind the word STREAMS
	redisContainer                        // its first argument is part of its name
)

// longestCommand is longer than any command's name.
const longestCommand = 32

// clientSetup are the subcommands of CLIENT by which a library sets up its connection: servers that do not know them
// say an error, which is nobody's.
var clientSetup = map[string]bool{
	"SETINFO": true, "SETNAME": true, "GETNAME": true, "ID": true, "MAINT_NOTIFICATIONS": true, "CAPA": true, "TRACKING": true, "TRACKINGINFO": true,
	"CACHING": true, "NO-EVICT": true, "NO-TOUCH": true, "REPLY": true, "IMPORT-SOURCE": true,
}

// redisCommands are the commands by name. What modules know has its first argument as key.
var redisCommands = func() map[string]*redisCommand {
	commands := map[string]*redisCommand{}
	note := func(key int8, flags redisFlags, names string) {
		for name := range strings.FieldsSeq(names) {
			commands[name] = &redisCommand{name, key, flags}
		}
	}
	note(0, redisSilent, "PING HELLO AUTH SELECT QUIT RESET READONLY READWRITE ASKING COMMAND REPLCONF")
	note(0, redisSilent|redisContainer, "CLIENT")
	note(0, 0, "MULTI EXEC DISCARD UNWATCH ECHO DBSIZE FLUSHALL FLUSHDB INFO TIME RANDOMKEY LASTSAVE SAVE BGSAVE BGREWRITEAOF ROLE MONITOR SHUTDOWN "+
		"SLAVEOF REPLICAOF FAILOVER SWAPDB SYNC PSYNC SCAN LOLWUT")
	note(0, redisBlocks, "WAIT WAITAOF")
	note(0, redisContainer, "CONFIG CLUSTER ACL SCRIPT FUNCTION SLOWLOG LATENCY MODULE PUBSUB SENTINEL DEBUG")
	note(2, redisContainer, "OBJECT MEMORY XINFO XGROUP")
	note(1, 0, `APPEND BITCOUNT BITFIELD BITFIELD_RO BITPOS COPY DECR DECRBY DEL DELEX DUMP EXISTS EXPIRE EXPIREAT EXPIRETIME GEOADD GEODIST GEOHASH GEOPOS
		GEORADIUS GEORADIUSBYMEMBER GEORADIUSBYMEMBER_RO GEORADIUS_RO GEOSEARCH GEOSEARCHSTORE GET GETBIT GETDEL GETEX GETRANGE GETSET
		HDEL HEXISTS HEXPIRE HEXPIREAT HEXPIRETIME HGET HGETALL HGETDEL HGETEX HINCRBY HINCRBYFLOAT HKEYS HLEN HMGET HMSET HPERSIST HPEXPIRE HPEXPIREAT
		HPEXPIRETIME HPTTL HRANDFIELD HSCAN HSET HSETEX HSETNX HSTRLEN HTTL HVALS INCR INCRBY INCRBYFLOAT KEYS LCS LINDEX LINSERT LLEN LMOVE
		LPOP LPOS LPUSH LPUSHX LRANGE LREM LSET LTRIM MGET MOVE MSET MSETNX PERSIST PEXPIRE PEXPIREAT PEXPIRETIME PFADD PFCOUNT PFMERGE PSETEX PSUBSCRIBE
		PTTL PUBLISH PUNSUBSCRIBE RENAME RENAMENX RESTORE RPOP RPOPLPUSH RPUSH RPUSHX SADD SCARD SDIFF SDIFFSTORE SET SETBIT SETEX SETNX SETRANGE
		SINTER SINTERSTORE SISMEMBER SMEMBERS SMISMEMBER SMOVE SORT SORT_RO SPOP SPUBLISH SRANDMEMBER SREM SSCAN SSUBSCRIBE STRLEN SUBSCRIBE SUBSTR SUNION
		SUNIONSTORE SUNSUBSCRIBE TOUCH TTL TYPE UNLINK UNSUBSCRIBE WATCH XACK XACKDEL XADD XAUTOCLAIM XCLAIM XDEL XDELEX XLEN XPENDING XRANGE XREVRANGE
		XSETID XTRIM ZADD ZCARD ZCOUNT ZDIFFSTORE ZINCRBY ZINTERSTORE ZLEXCOUNT ZMSCORE ZPOPMAX ZPOPMIN ZRANDMEMBER ZRANGE ZRANGEBYLEX ZRANGEBYSCORE
		ZRANGESTORE ZRANK ZREM ZREMRANGEBYLEX ZREMRANGEBYRANK ZREMRANGEBYSCORE ZREVRANGE ZREVRANGEBYLEX ZREVRANGEBYSCORE ZREVRANK ZSCAN ZSCORE
		ZUNIONSTORE VADD VCARD VDIM VEMB VGETATTR VINFO VISMEMBER VLINKS VRANDMEMBER VREM VSETATTR VSIM`)
	note(1, redisBlocks, "BLPOP BRPOP BLMOVE BRPOPLPUSH BZPOPMIN BZPOPMAX")
	note(2, 0, "BITOP")
	note(3, 0, "MIGRATE")
	note(2, redisNumbered, "LMPOP ZMPOP SINTERCARD ZINTERCARD ZDIFF ZINTER ZUNION")
	note(3, redisNumbered|redisBlocks, "BLMPOP BZMPOP")
	note(3, redisNumbered, "EVAL EVALSHA EVAL_RO EVALSHA_RO FCALL FCALL_RO")
	note(0, redisStreams|redisBlocks|redisIfBlock, "XREAD XREADGROUP")
	return commands
}()

// Commands that are not known: of modules, whose names have a dot, and others.
var moduleCommand, anyCommand = &redisCommand{key: 1}, &redisCommand{}

// commandOf is what is known of a command by its name, in whatever case.
func commandOf(name []byte) *redisCommand {
	var capitals [longestCommand]byte
	if len(name) > len(capitals) {
		return anyCommand
	}
	for i, c := range name {
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		capitals[i] = c
	}
	if c := redisCommands[string(capitals[:len(name)])]; c != nil {
		return c
	}
	if bytes.IndexByte(name, '.') > 0 {
		return moduleCommand
	}
	return anyCommand
}

// isCommandName reports whether bytes may be a command's name: letters, and in those of modules dots and more.
func isCommandName(name []byte) bool {
	if len(name) == 0 || len(name) > longestCommand || !isLetter(name[0]) {
		return false
	}
	for _, c := range name {
		if !isLetter(c) && !isDigit(c) && c != '.' && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// upper is a command's name in capitals.
func upper(text []byte) string {
	var room [longestCommand]byte
	return textOf(upperBytes(room[:0], text[:min(len(text), longestCommand)]))
}

func upperBytes(to, text []byte) []byte {
	for _, c := range text {
		if c >= 'a' && c <= 'z' {
			c -= 'a' - 'A'
		}
		to = append(to, c)
	}
	return to
}
