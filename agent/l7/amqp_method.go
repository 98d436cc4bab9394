package l7

// amqpID is a method: its class, and its number in it.
type amqpID uint32

func amqpMethodID(class, method uint16) amqpID { return amqpID(class)<<16 | amqpID(method) }

// The methods that say more than that they ask and answer.
const (
	connectionStart    amqpID = 10<<16 | 10
	connectionClose    amqpID = 10<<16 | 50
	connectionCloseOk  amqpID = 10<<16 | 51
	connectionLast     amqpID = 10<<16 | 71
	channelOpen        amqpID = 20<<16 | 10
	channelClose       amqpID = 20<<16 | 40
	channelCloseOk     amqpID = 20<<16 | 41
	exchangeUnbind     amqpID = 40<<16 | 40
	exchangeUnbindOk   amqpID = 40<<16 | 51
	basicConsume       amqpID = 60<<16 | 20
	basicConsumeOk     amqpID = 60<<16 | 21
	basicCancel        amqpID = 60<<16 | 30
	basicPublish       amqpID = 60<<16 | 40
	basicReturn        amqpID = 60<<16 | 50
	basicDeliver       amqpID = 60<<16 | 60
	basicGet           amqpID = 60<<16 | 70
	basicGetOk         amqpID = 60<<16 | 71
	basicGetEmpty      amqpID = 60<<16 | 72
	basicAck           amqpID = 60<<16 | 80
	basicReject        amqpID = 60<<16 | 90
	basicRecoverAsync  amqpID = 60<<16 | 100
	basicNack          amqpID = 60<<16 | 120
	confirmSelect      amqpID = 85<<16 | 10
	confirmSelectOk    amqpID = 85<<16 | 11
	amqpLongestRequest        = 512 // of a method's arguments, as far as they are waited for
)

// amqpAsk is a method by which a client asks, and how its arguments begin: r is a number of two bytes that is not
// used, q a queue, e an exchange, x what is passed, k a routing key. Behind them are bits.
type amqpAsk struct {
	name      string
	arguments string
	noWait    byte // the bit that says that nobody answers
	silent    bool
}

var amqpAsks = map[amqpID]amqpAsk{
	channelOpen:    {"channel.open", "x", 0, true},
	20<<16 | 20:    {"channel.flow", "", 0, true},
	channelClose:   {"channel.close", "", 0, true},
	40<<16 | 10:    {"exchange.declare", "rex", 1 << 4, false},
	40<<16 | 20:    {"exchange.delete", "re", 1 << 1, false},
	40<<16 | 30:    {"exchange.bind", "rexx", 1, false},
	exchangeUnbind: {"exchange.unbind", "rexx", 1, false},
	50<<16 | 10:    {"queue.declare", "rq", 1 << 4, false},
	50<<16 | 20:    {"queue.bind", "rqxx", 1, false},
	50<<16 | 30:    {"queue.purge", "rq", 1, false},
	50<<16 | 40:    {"queue.delete", "rq", 1 << 2, false},
	50<<16 | 50:    {"queue.unbind", "rqxx", 0, false},
	60<<16 | 10:    {"basic.qos", "", 0, true},
	basicConsume:   {"basic.consume", "rqc", 1 << 3, false},
	basicCancel:    {"basic.cancel", "x", 1, false},
	basicGet:       {"basic.get", "rq", 0, false},
	60<<16 | 110:   {"basic.recover", "", 0, false},
	confirmSelect:  {"confirm.select", "", 1, true},
	90<<16 | 10:    {"tx.select", "", 0, false},
	90<<16 | 20:    {"tx.commit", "", 0, false},
	90<<16 | 30:    {"tx.rollback", "", 0, false},
}

// answers reports whether a method is the answer to another.
func (id amqpID) answers(asked amqpID) bool {
	switch asked {
	case exchangeUnbind:
		return id == exchangeUnbindOk
	case basicGet:
		return id == basicGetOk || id == basicGetEmpty
	}
	return id == asked+1
}

// side is who says a method: MatchEither of both, MatchNone of none that there is.
func (id amqpID) side() Match {
	if id >= connectionStart && id <= connectionLast {
		switch id {
		case connectionStart, 10<<16 | 20, 10<<16 | 30, 10<<16 | 41, 10<<16 | 60, 10<<16 | 61, 10<<16 | 71:
			return MatchResponse
		case connectionClose, connectionCloseOk:
			return MatchEither
		case 10<<16 | 11, 10<<16 | 21, 10<<16 | 31, 10<<16 | 40, 10<<16 | 70:
			return MatchRequest
		}
		return MatchNone
	}
	switch id {
	case basicPublish, basicReject, basicRecoverAsync:
		return MatchRequest
	case basicReturn, basicDeliver, basicGetOk, basicGetEmpty, exchangeUnbindOk:
		return MatchResponse
	case basicAck, basicNack, channelClose, channelCloseOk, basicCancel, 60<<16 | 31, 20<<16 | 20, 20<<16 | 21:
		return MatchEither
	}
	if _, asks := amqpAsks[id]; asks {
		return MatchRequest
	}
	if _, asks := amqpAsks[id-1]; asks {
		return MatchResponse
	}
	return MatchNone
}
