package sys

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"time"

	pahomqtt "github.com/eclipse/paho.mqtt.golang"
)

func init() { roles["mqtt-client"] = mqttClient }

// mqttClient is two clients by version 3.1.1 that are open when it says so: one that is subscribed to orders, and one by which 16
// goroutines at once publish one with each quality of service, as often as they are told. It says how many of each, when as many
// have come to the other.
func mqttClient(in *bufio.Reader, out *json.Encoder) error {
	const atOnce = 16
	connect := func(id string) (pahomqtt.Client, error) {
		scheme, inTLS := "tcp://", inClientsTLS()
		if inTLS != nil {
			scheme = "ssl://"
		}
		c := pahomqtt.NewClient(pahomqtt.NewClientOptions().AddBroker(scheme + os.Getenv(addressVariable)).SetTLSConfig(inTLS).SetClientID(id).SetProtocolVersion(4).SetAutoReconnect(false))
		token := c.Connect()
		token.Wait()
		return c, token.Error()
	}
	reads, err := connect("reads")
	if err != nil {
		return err
	}
	defer reads.Disconnect(0)
	came := make(chan byte, 1<<16)
	token := reads.Subscribe("shop/+/orders", 2, func(_ pahomqtt.Client, m pahomqtt.Message) { came <- m.Qos() })
	if token.Wait(); token.Error() != nil {
		return token.Error()
	}
	says, err := connect("says")
	if err != nil {
		return err
	}
	defer says.Disconnect(0)
	if err := out.Encode(atOnce); err != nil {
		return err
	}
	return eachTime(in, out, func(times int) (any, error) {
		failed := []error{besides(atOnce, func(int) (err error) {
			for range times {
				for qos := range byte(3) {
					token := says.Publish("shop/go/orders", qos, false, "hello")
					token.Wait()
					err = errors.Join(err, token.Error())
				}
			}
			return err
		})}
		counts := [3]int{}
		for range 3 * atOnce * times {
			select {
			case qos := <-came:
				counts[qos]++
			case <-time.After(patience):
				failed = append(failed, errors.New("messages have not come"))
			}
		}
		return counts, errors.Join(failed...)
	})
}
