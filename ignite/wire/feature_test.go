package wire

import (
	"bytes"
	"testing"
)

func TestFeaturesBytes(t *testing.T) {
	for _, c := range []struct {
		set  Features
		want string
	}{
		{0, ""},
		{Features(0).With(FeatureUserAttributes), "01"},
		{Features(0).With(FeatureQueryPartitionsBatchSize, FeatureBinaryConfiguration), "8001"},
		{Features(0).With(FeatureForceDeactivationFlag), "000008"},
		{FeaturesClient, "cd2908"},
	} {
		want := fromHex(t, c.want)
		if got := c.set.Bytes(); !bytes.Equal(got, want) {
			t.Errorf("%s is %x, want %x", c.set, got, want)
		}
		if got := FeaturesFromBytes(want); got != c.set {
			t.Errorf("%x is %s, want %s", want, got, c.set)
		}
	}
	if got := FeaturesFromBytes(fromHex(t, "01 00 00 00 00 00 00 00 ff")); got != 1 {
		t.Errorf("bits above 63 are kept: %s", got)
	}
}

func TestFeaturesSets(t *testing.T) {
	s := Features(0).With(FeatureHeartbeat, FeatureDataCenterAware)
	if !s.Has(FeatureHeartbeat) || s.Has(FeatureIndexQuery) || s.Has(200) {
		t.Errorf("Has of %s", s)
	}
	if got := s.Intersect(FeaturesClient); got != Features(0).With(FeatureHeartbeat) {
		t.Errorf("intersection %s", got)
	}
	if got := s.Without(FeatureHeartbeat, 200); got != Features(0).With(FeatureDataCenterAware) {
		t.Errorf("without: %s", got)
	}
	if got := s.With(200); got != s {
		t.Errorf("with a feature out of range: %s", got)
	}
	if got := s.String(); got != "HEARTBEAT|DC_AWARE" {
		t.Error(got)
	}
	if got := Features(0).String() + " " + Feature(60).String(); got != "none FEATURE(60)" {
		t.Error(got)
	}
}

// The server has every feature that the client offers.
func TestFeaturesClientAtServer(t *testing.T) {
	for _, x := range goldenExchanges(t) {
		if x.handshake && x.name == "cache.hex/handshake" && x.features != FeaturesClient {
			t.Errorf("server answered %s, want %s", x.features, FeaturesClient)
		}
	}
}
