package plugin

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// keyOf is a key and what has it: field, span or resource.
type keyOf struct{ key, of string }

// attributeCounts are how often each value of each key came on two sides.
type attributeCounts struct {
	spans    [2]int
	keys     map[keyOf]*valueCounts
	keysLeft int // attributes of keys that came after the last that was counted
}

type valueCounts struct {
	have   [2]int            // spans with the key
	values map[string][2]int // spans by value
	left   [2]int            // spans with values that came after the last that was counted
}

func (c *attributeCounts) add(side int, key keyOf, value string) {
	if key.key == "" || value == "" {
		return
	}
	if c.keys == nil {
		c.keys = map[keyOf]*valueCounts{}
	}
	v := c.keys[key]
	if v == nil {
		if len(c.keys) == maxDifferenceKeys {
			c.keysLeft++
			return
		}
		v = &valueCounts{values: map[string][2]int{}}
		c.keys[key] = v
	}
	v.have[side]++
	n, known := v.values[value]
	if !known && len(v.values) == maxValuesPerKey {
		v.left[side]++
		return
	}
	n[side]++
	v.values[value] = n
}

// keyDifference is a key whose values differ.
type keyDifference struct {
	Key string `json:"key"`
	Of  string `json:"of"` // field (name, service), span or resource
	// Score is how far the two sides lie apart beyond what chance does, from 0 to 1.
	Score float64 `json:"score"`
	// Have are the shares of each side's spans that have the key: selected, others.
	Have [2]float64 `json:"have"`
	// Values are those that differ most, as shares of each side's spans; none of numbers.
	Values []valueShare `json:"values,omitempty"`
	More   int          `json:"more,omitempty"` // values that are not among them
	// Numbers are the 10th, 50th and 90th percentiles of each side, of a key with many numbers.
	Numbers *[2][3]float64 `json:"numbers,omitempty"`
}

type valueShare struct {
	Value string     `json:"value"` // "" for spans without the key
	Share [2]float64 `json:"share"`
	Cut   bool       `json:"cut,omitempty"` // the value is longer
}

// Values of which a number is told by its distribution, and the share of values that are
// another in each span from which a key is taken for an id.
const (
	fewNumbers = 8
	eachItsOwn = 0.8
	leastScore = 0.05
)

// rank are the keys that differ more than chance does, and how many have another value in
// nearly every span.
func (c *attributeCounts) rank() (out []keyDifference, each int) {
	for key, v := range c.keys {
		d := keyDifference{Key: key.key, Of: key.of, Have: c.shares(v.have)}
		numbers, ok := v.numbers()
		switch {
		case ok && len(v.values) > fewNumbers:
			d.Score = distance(numbers)
			d.Numbers = &[2][3]float64{percentiles(numbers[0]), percentiles(numbers[1])}
		case len(v.values) > fewNumbers && float64(len(v.values)) > eachItsOwn*float64(v.have[0]+v.have[1]), v.left[0]+v.left[1] > 0:
			each++
			continue
		default:
			d.Score = c.categories(v, &d)
		}
		if d.Score >= leastScore {
			out = append(out, d)
		}
	}
	slices.SortFunc(out, func(a, b keyDifference) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Key, b.Key), cmp.Compare(a.Of, b.Of))
	})
	return out, each
}

func (c *attributeCounts) shares(n [2]int) [2]float64 {
	return [2]float64{share(n[0], c.spans[0]), share(n[1], c.spans[1])}
}

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// categories is half the sum of what the shares of each value differ by, less what chance
// makes of it; having no value is one.
func (c *attributeCounts) categories(v *valueCounts, d *keyDifference) float64 {
	sum, chance := 0.0, 0.0
	add := func(value string, n [2]int) {
		s := c.shares(n)
		sum += math.Abs(s[0] - s[1])
		chance += c.chance(n)
		d.Values = append(d.Values, valueShare{Value: value, Share: s})
	}
	for value, n := range v.values {
		add(value, n)
	}
	if none := [2]int{c.spans[0] - v.have[0], c.spans[1] - v.have[1]}; none[0]+none[1] > 0 {
		add("", none)
	}
	slices.SortFunc(d.Values, func(a, b valueShare) int {
		return cmp.Or(cmp.Compare(math.Abs(b.Share[0]-b.Share[1]), math.Abs(a.Share[0]-a.Share[1])), cmp.Compare(b.Share[0], a.Share[0]), cmp.Compare(a.Value, b.Value))
	})
	if d.More = max(0, len(d.Values)-shownValues); d.More > 0 {
		d.Values = d.Values[:shownValues]
	}
	for k := range d.Values {
		d.Values[k].Value, d.Values[k].Cut = cutText(d.Values[k].Value, maxDifferenceText)
	}
	return max(0, (sum-chance)/2)
}

// chance is what the shares of a value differ by on average where both sides are drawn from
// one set.
func (c *attributeCounts) chance(n [2]int) float64 {
	p := share(n[0]+n[1], c.spans[0]+c.spans[1])
	return math.Sqrt(2 / math.Pi * p * (1 - p) * (1/float64(c.spans[0]) + 1/float64(c.spans[1])))
}

// numbers are the values of both sides in ascending order; false where some are none.
func (v *valueCounts) numbers() (out [2][]float64, ok bool) {
	if v.left[0]+v.left[1] > 0 {
		return out, false
	}
	for text, n := range v.values {
		number, err := strconv.ParseFloat(text, 64)
		if err != nil || number-number != 0 {
			return out, false
		}
		for side := range n {
			for range n[side] {
				out[side] = append(out[side], number)
			}
		}
	}
	slices.Sort(out[0])
	slices.Sort(out[1])
	return out, true
}

// distance is the largest distance of two distributions (Kolmogorov and Smirnov's), less what it
// is on average where both are drawn from one.
func distance(n [2][]float64) float64 {
	a, b := n[0], n[1]
	if len(a) == 0 || len(b) == 0 {
		return 1
	}
	most := 0.0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		at := min(a[i], b[j])
		for i < len(a) && a[i] == at {
			i++
		}
		for j < len(b) && b[j] == at {
			j++
		}
		most = max(most, math.Abs(float64(i)/float64(len(a))-float64(j)/float64(len(b))))
	}
	return max(0, most-0.87*math.Sqrt(1/float64(len(a))+1/float64(len(b))))
}

// percentiles are the 10th, 50th and 90th of sorted numbers.
func percentiles(n []float64) (out [3]float64) {
	if len(n) == 0 {
		return out
	}
	for k, p := range []float64{0.1, 0.5, 0.9} {
		out[k] = n[int(math.Round(p*float64(len(n)-1)))]
	}
	return out
}

// cutText is a text of at most so many bytes, whole characters, and whether it was cut.
func cutText(text string, most int) (string, bool) {
	text = strings.ToValidUTF8(text, "�")
	if len(text) <= most {
		return text, false
	}
	for most > 0 && !utf8.RuneStart(text[most]) {
		most--
	}
	return text[:most], true
}
