package l7

import "strconv"

// kafkaAPI is a kind of request.
type kafkaAPI struct {
	name     string
	flexible int16 // from this version on; never: none
	latest   int16 // version that is known
	flags    kafkaFlags

	request, answer kafkaLayout
}

type kafkaFlags uint8

const (
	kafkaSilent   kafkaFlags = 1 << iota // how clients set up a connection
	kafkaWaits                           // it waits for what somebody else does
	kafkaSends                           // messages, to a topic
	kafkaReceives                        // messages
	kafkaSettles                         // how far messages were worked on
)

const never = 1<<15 - 1

// What many answers begin with.
const kafkaThrottled = "4 e m ."

// kafkaAPIs are the requests by their key, as of Kafka 4.4 and, of versions that it does not know any more, before it.
var kafkaAPIs = func() (apis [95]kafkaAPI) {
	api := func(key int, name string, flexible, latest int16, flags kafkaFlags, request, answer string) {
		apis[key] = kafkaAPI{name, flexible, latest, flags, layout(request), layout(answer)}
	}
	const topics, partitions = "[ t .", "[ t [ p"
	api(0, "Produce", 9, 13, kafkaSends, "3+:x a 4 [ -12:t 13+:u [ p r ] ]", "[ -12:s 13+:8 13+:8 [ 4 e 8 2+:8 5+:8 8+:[ 4 s ] 8+:m ] ]")
	api(1, "Fetch", 12, 18, kafkaReceives|kafkaWaits, "-14:4 w 4 3+:4 4+:1 7+:S 7+:E [ -12:t 13+:u [ p 9+:4 8 12+:4 5+:8 4 ] ] 7+:F 7+:[ -12:t 13+:u ( p ) ]",
		"1+:4 7+:e 7+:S [ -12:t 13+:u [ p e 8 4+:8 5+:8 4+:[ 8 8 ] 11+:4 r ] ]")
	api(2, "ListOffsets", 6, 11, 0, "4 2+:1 [ t [ p 4+:4 8 0:4 ] ]", "2+:4 [ s [ 4 e 1+:8 1+:8 4+:4 0:( 8 ) ] ]")
	api(3, "Metadata", 9, 13, 0, "[ 10+:8 10+:8 t ]", "3+:4 [ 4 s 4 1+:s ] 2+:s 1+:4 [ e t 10+:k 1+:1 [ 2 4 4 7+:4 ( 4 ) ( 4 ) 5+:( 4 ) ] 8+:4 ]")
	api(4, "LeaderAndIsr", 4, 7, 0, "", "e .")
	api(5, "StopReplica", 2, 4, 0, "", "e .")
	api(6, "UpdateMetadata", 6, 8, 0, "", "e .")
	api(7, "ControlledShutdown", 3, 3, 0, "", "e .")
	api(8, "OffsetCommit", 8, 10, kafkaSettles, "g 1+:4 1+:s 7+:s 2-4:8 [ -9:t 10+:u [ p 8 6+:4 1:8 s ] ]", "3+:4 [ -9:s 10+:8 10+:8 [ 4 e ] ]")
	api(9, "OffsetFetch", 6, 10, 0, "-7:g -7:[ t ( p ) ] 8+:[ g 9+:s 9+:4 [ -9:t 10+:u ( p ) ] ]",
		"3+:4 -7:[ s [ 4 8 5+:4 s e ] ] 2-7:e 8+:[ s [ -9:s 10+:8 10+:8 [ 4 8 4 s e ] ] e ]")
	api(10, "FindCoordinator", 3, 6, 0, "-3:x 1+:1 4+:( x )", "1+:4 -3:e 1-3:m -3:. [ s 4 s 4 e m ]")
	api(11, "JoinGroup", 6, 9, kafkaWaits, "g .", "2+:4 e .")
	api(12, "Heartbeat", 4, 4, 0, "g .", "1+:4 e .")
	api(13, "LeaveGroup", 4, 5, 0, "g .", "1+:4 e .")
	api(14, "SyncGroup", 4, 5, kafkaWaits, "g .", "1+:4 e .")
	api(15, "DescribeGroups", 5, 6, 0, "( g .", "1+:4 [ e 6+:m .")
	api(16, "ListGroups", 3, 5, 0, "", "1+:4 e .")
	api(17, "SaslHandshake", never, 1, kafkaSilent, "", "e .")
	api(18, "ApiVersions", 3, 5, kafkaSilent, "", "e .")
	api(19, "CreateTopics", 5, 7, 0, topics, "2+:4 [ t 7+:k e 1+:m .")
	api(20, "DeleteTopics", 4, 6, 0, "-5:( t ) -5:. [ t .", "1+:4 [ s 6+:8 6+:8 e 5+:m .")
	api(21, "DeleteRecords", 2, 2, 0, topics, "4 [ s [ 4 8 e ] ]")
	api(22, "InitProducerId", 2, 6, 0, "x .", "4 e .")
	api(23, "OffsetForLeaderEpoch", 4, 4, 0, "3+:4 [ t [ p .", "2+:4 [ s [ e .")
	api(24, "AddPartitionsToTxn", 3, 5, 0, "4+:[ x 8 2 1 "+partitions+" . ] ] ] -3:x 8 2 [ t ( p ) ]", "4 4+:e 4+:[ s [ s [ 4 e ] ] ] -3:[ s [ 4 e ] ]")
	api(25, "AddOffsetsToTxn", 3, 4, 0, "x 8 2 g .", "4 e .")
	api(26, "EndTxn", 3, 5, 0, "x .", "4 e .")
	api(27, "WriteTxnMarkers", 1, 2, 0, "[ 8 2 1 [ t ( p .", "[ 8 [ s [ 4 e ] ] ]")
	api(28, "TxnOffsetCommit", 3, 6, kafkaSettles, "x g 8 2 3+:4 3+:s 3+:s [ -5:t 6+:u [ p 8 2+:4 s ] ]", "4 [ -5:s 6+:8 6+:8 [ 4 e ] ]")
	api(29, "DescribeAcls", 2, 3, 0, "", kafkaThrottled)
	api(30, "CreateAcls", 2, 3, 0, "", "4 [ e m .")
	api(31, "DeleteAcls", 2, 3, 0, "", "4 [ e m .")
	api(32, "DescribeConfigs", 4, 4, 0, "", "4 [ e m .")
	api(33, "AlterConfigs", 2, 2, 0, "", "4 [ e m .")
	api(34, "AlterReplicaLogDirs", 2, 2, 0, "", "4 [ s [ 4 e ] ]")
	api(35, "DescribeLogDirs", 2, 5, 0, "", "4 3+:e .")
	api(36, "SaslAuthenticate", 2, 2, kafkaSilent, "", "e m .")
	api(37, "CreatePartitions", 2, 3, 0, topics, "4 [ s e m ]")
	api(38, "CreateDelegationToken", 2, 3, 0, "", "e .")
	api(39, "RenewDelegationToken", 2, 2, 0, "", "e .")
	api(40, "ExpireDelegationToken", 2, 2, 0, "", "e .")
	api(41, "DescribeDelegationToken", 2, 3, 0, "", "e .")
	api(42, "DeleteGroups", 2, 3, 0, "( g .", "4 [ s e 3+:m ]")
	api(43, "ElectLeaders", 2, 2, 0, "", "4 1+:e .")
	api(44, "IncrementalAlterConfigs", 1, 1, 0, "", "4 [ e m .")
	api(45, "AlterPartitionReassignments", 0, 1, 0, "", "4 1+:1 e m .")
	api(46, "ListPartitionReassignments", 0, 0, 0, "", kafkaThrottled)
	api(47, "OffsetDelete", never, 0, 0, "g "+partitions+" ] ]", "e 4 [ s [ 4 e ] ]")
	api(48, "DescribeClientQuotas", 1, 1, 0, "", kafkaThrottled)
	api(49, "AlterClientQuotas", 1, 1, 0, "", "4 [ e m .")
	api(50, "DescribeUserScramCredentials", 0, 0, 0, "", kafkaThrottled)
	api(51, "AlterUserScramCredentials", 0, 0, 0, "", "4 [ s e m .")
	api(52, "Vote", 0, 2, 0, "", "e .")
	api(53, "BeginQuorumEpoch", 1, 1, 0, "", "e .")
	api(54, "EndQuorumEpoch", 1, 1, 0, "", "e .")
	api(55, "DescribeQuorum", 0, 2, 0, "", "e .")
	api(56, "AlterPartition", 0, 3, 0, "", "4 e .")
	api(57, "UpdateFeatures", 0, 2, 0, "", kafkaThrottled)
	api(58, "Envelope", 0, 0, 0, "", ".")
	api(59, "FetchSnapshot", 0, 1, 0, "", "4 e .")
	api(60, "DescribeCluster", 0, 2, 0, "", kafkaThrottled)
	api(61, "DescribeProducers", 0, 0, 0, "[ t ( p ) ]", "4 [ s [ 4 e m .")
	api(62, "BrokerRegistration", 0, 4, 0, "", "4 e .")
	api(63, "BrokerHeartbeat", 0, 2, 0, "", "4 e .")
	api(64, "UnregisterBroker", 0, 0, 0, "", kafkaThrottled)
	api(65, "DescribeTransactions", 0, 0, 0, "( x .", "4 [ e .")
	api(66, "ListTransactions", 0, 2, 0, "", "4 e .")
	api(67, "AllocateProducerIds", 0, 0, 0, "", "4 e .")
	api(68, "ConsumerGroupHeartbeat", 0, 1, 0, "g .", kafkaThrottled)
	api(69, "ConsumerGroupDescribe", 0, 1, 0, "( g .", "4 [ e m .")
	api(70, "ControllerRegistration", 0, 0, 0, "", kafkaThrottled)
	api(71, "GetTelemetrySubscriptions", 0, 0, kafkaSilent, "", "4 e .")
	api(72, "PushTelemetry", 0, 0, 0, "", "4 e .")
	api(73, "AssignReplicasToDirs", 0, 0, 0, "", "4 e .")
	api(74, "ListConfigResources", 0, 1, 0, "", "4 e .")
	api(75, "DescribeTopicPartitions", 0, 0, 0, "[ t ]", "4 [ e t k .")
	api(76, "ShareGroupHeartbeat", 0, 1, 0, "g .", kafkaThrottled)
	api(77, "ShareGroupDescribe", 0, 1, 0, "( g .", "4 [ e m .")
	api(78, "ShareFetch", 0, 2, kafkaReceives|kafkaWaits, "g s E w 4 4 0+:4 0+:4 2+:1 2+:1 [ u [ p [ 8 8 ( 1 ) ] ] ] F [ u ( p ) ]",
		"4 e m 1+:4 [ u [ p e m 2 s 4 4 T r [ 8 8 2 ] ] ]")
	api(79, "ShareAcknowledge", 0, 2, kafkaSettles, "g s 4 2+:1 [ u [ p [ 8 8 ( 1 ) ] ] ]", kafkaThrottled)
	api(80, "AddRaftVoter", 0, 1, 0, "", kafkaThrottled)
	api(81, "RemoveRaftVoter", 0, 0, 0, "", kafkaThrottled)
	api(82, "UpdateRaftVoter", 0, 0, 0, "", "4 e .")
	api(83, "InitializeShareGroupState", 0, 0, 0, "g .", "[ 8 8 [ 4 e m ] ]")
	api(84, "ReadShareGroupState", 0, 0, 0, "g .", "[ 8 8 [ 4 e m .")
	api(85, "WriteShareGroupState", 0, 1, 0, "g .", "[ 8 8 [ 4 e m ] ]")
	api(86, "DeleteShareGroupState", 0, 0, 0, "g .", "[ 8 8 [ 4 e m ] ]")
	api(87, "ReadShareGroupStateSummary", 0, 1, 0, "g .", "[ 8 8 [ 4 e m .")
	api(88, "StreamsGroupHeartbeat", 0, 1, 0, "g .", kafkaThrottled)
	api(89, "StreamsGroupDescribe", 0, 1, 0, "( g .", "4 [ e m .")
	api(90, "DescribeShareGroupOffsets", 0, 1, 0, "[ g .", "4 [ s .")
	api(91, "AlterShareGroupOffsets", 0, 0, 0, "g "+topics, kafkaThrottled)
	api(92, "DeleteShareGroupOffsets", 0, 0, 0, "g "+topics, kafkaThrottled)
	api(93, "StreamsGroupTopologyDescriptionUpdate", 0, 0, 0, "g .", kafkaThrottled)
	api(94, "UnregisterController", 0, 0, 0, "", kafkaThrottled)
	return apis
}()

// kafkaVersions are the versions of requests as texts.
var kafkaVersions = func() (texts [32]string) {
	for i := range texts {
		texts[i] = strconv.Itoa(i)
	}
	return texts
}()
